"""Where the jobs of a sweep run: processes of this machine, a Ray cluster, or Slurm."""
