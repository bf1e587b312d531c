"""One page on the state of the warehouse: what came, what was tested, what needs a look."""
