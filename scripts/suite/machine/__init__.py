"""The machine that a run is made on: its facts, its counters, how calm it is, and the doctor."""
