"""Passes beside the timed rounds: separate runs of the same cells that answer another question than how long."""
