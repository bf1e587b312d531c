"""Read tables of databases into files of the inbox, a snapshot or a window at a time."""
