// The questions of the bench in Go, on one core: main <question> <size> <answer>... see run in bench/harness.
//
// go build; then the bench finds the program and takes it along as another contender.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sort"
	"syscall"
	"time"
)

// Work is what the harness asks for: the sizes of the laps, and what comes out of a whole one.
type Work struct {
	Question   string
	Tiny       int
	Warm       int
	Size       int
	Operations float64
	Answer     int
}

// Reading is nanoseconds an operation; or bytes.
type Reading struct {
	Processor float64  `json:"processor"`
	Wall      float64  `json:"wall"`
	Bytes     *float64 `json:"bytes,omitempty"`
}

var began time.Time
var used int64
var weight *float64

func processor() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func start() {
	began = time.Now()
	used = processor()
}

func memory() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc + stats.StackInuse)
}

// fold is the checksum of the harness: 32 bits that depend on the order.
func fold(sum, value int) int {
	return int(int32(sum)*31 + int32(value))
}

func rendezvous(size int) int {
	channel := make(chan int)
	go func() {
		for value := 0; value < size; value++ {
			channel <- value
		}
	}()
	sum := 0
	for count := 0; count < size; count++ {
		sum = fold(sum, <-channel)
	}
	return sum
}

func pingPong(size int) int {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for count := 0; count < size; count++ {
			pong <- <-ping + 1
		}
	}()
	ball := 0
	for count := 0; count < size; count++ {
		ping <- ball
		ball = <-pong
	}
	return ball
}

func fanIn(size int) int {
	const producers = 100
	channel := make(chan int)
	for producer := 0; producer < producers; producer++ {
		go func(first int) {
			for value := first; value < size; value += producers {
				channel <- value
			}
		}(producer)
	}
	sum := 0
	for count := 0; count < size; count++ {
		sum += <-channel
	}
	return sum
}

func selecting(size int) int {
	var all [8]chan int
	for i := range all {
		all[i] = make(chan int)
	}
	go func() {
		for value := 0; value < size; value++ {
			all[value%8] <- value
		}
	}()
	sum := 0
	for count := 0; count < size; count++ {
		value := 0
		select {
		case value = <-all[0]:
		case value = <-all[1]:
		case value = <-all[2]:
		case value = <-all[3]:
		case value = <-all[4]:
		case value = <-all[5]:
		case value = <-all[6]:
		case value = <-all[7]:
		}
		sum = fold(sum, value)
	}
	return sum
}

// The order in which goroutines yield is not promised, so that the sum is one without order.
func yielding(size int) int {
	const live = 100
	sums := make(chan int)
	for id := 0; id < live; id++ {
		go func(id int) {
			sum := 0
			for count := id; count < size; count += live {
				sum++
				runtime.Gosched()
			}
			sums <- sum
		}(id)
	}
	start()
	sum := 0
	for id := 0; id < live; id++ {
		sum += <-sums
	}
	return sum
}

func skynet(size int) int {
	var node func(up chan int, first, leaves int)
	node = func(up chan int, first, leaves int) {
		if leaves == 1 {
			up <- first
			return
		}
		channel := make(chan int)
		part := leaves / 10
		for child := 0; child < 10; child++ {
			go node(channel, first+child*part, part)
		}
		sum := 0
		for child := 0; child < 10; child++ {
			sum += <-channel
		}
		up <- sum
	}
	root := make(chan int)
	go node(root, 0, size)
	return <-root
}

// Who waits first is not promised either: the goroutines start in an order of their own.
func parked(size int) int {
	before := memory()
	channel, done := make(chan int), make(chan int)
	for id := 0; id < size; id++ {
		go func() { done <- <-channel }()
	}
	for round := 0; round < 3; round++ {
		runtime.Gosched()
	}
	bytes := (memory() - before) / float64(size)
	weight = &bytes
	go func() {
		for value := 0; value < size; value++ {
			channel <- value
		}
	}()
	sum := 0
	for id := 0; id < size; id++ {
		sum += <-done
	}
	return sum
}

var programs = map[string]func(int) int{
	"rendezvous": rendezvous, "ping-pong": pingPong, "fan-in": fanIn, "select": selecting,
	"yield": yielding, "skynet": skynet, "parked": parked,
}

// What comes out where no order is promised.
var answers = map[string]func(int) int{
	"yield":  func(size int) int { return size },
	"parked": func(size int) int { return size * (size - 1) / 2 },
}

func main() {
	var work Work
	if err := json.Unmarshal([]byte(os.Args[1]), &work); err != nil {
		panic(err)
	}
	runtime.GOMAXPROCS(1)
	program := programs[work.Question]
	answer := work.Answer
	if other, known := answers[work.Question]; known {
		answer = other(work.Size)
	}
	program(work.Tiny)
	laps := 1
	if work.Question != "parked" {
		program(work.Warm)
		program(work.Warm)
		laps = 3
	}
	readings := []Reading{}
	for lap := 0; lap < laps; lap++ {
		start()
		if sum := program(work.Size); sum != answer {
			fmt.Fprintf(os.Stderr, "Error: wrong checksum: %d instead of %d\n", sum, answer)
			os.Exit(1)
		}
		readings = append(readings, Reading{
			Processor: float64(processor()-used) / work.Operations,
			Wall:      float64(time.Since(began).Nanoseconds()) / work.Operations,
			Bytes:     weight,
		})
	}
	sort.Slice(readings, func(one, other int) bool { return readings[one].Processor < readings[other].Processor })
	if err := json.NewEncoder(os.Stdout).Encode(readings[len(readings)/2]); err != nil {
		panic(err)
	}
}
