"""A run from plan to results, and what it says while it is under way."""
