// Nothing: what carries the headers that nearly every workload reads, compiled once for all of them.
