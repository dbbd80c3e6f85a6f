"""Observation: reads the state after a month and writes only to the tables of results."""
