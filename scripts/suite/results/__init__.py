"""results.json: made, checked, read as typed cells, and selected and worded for pages and charts."""
