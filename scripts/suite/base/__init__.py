"""What every stage needs: errors, streams, the output folder, packages and the build."""
