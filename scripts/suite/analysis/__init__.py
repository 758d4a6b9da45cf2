"""From rounds to verdicts: estimates, intervals, regimes, interim analyses and the quality of a run. Pure functions."""
