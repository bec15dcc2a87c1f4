module evergreen/bench

go 1.19
