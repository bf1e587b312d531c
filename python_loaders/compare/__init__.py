"""Compare the marts of two targets row by row, whatever engines they are in."""
