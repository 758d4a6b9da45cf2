"""What is to be measured: the description of the binary, cells and groups, presets, own types."""
