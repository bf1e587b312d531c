"""From a row of a model back to the deliveries, files and lines that it is made of."""
