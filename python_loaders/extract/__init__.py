"""Turn a file as delivered into chunks of typed rows and rejected rows."""
