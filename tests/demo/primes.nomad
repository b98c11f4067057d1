# A batch job: computes something, prints it, and is done.
job "primes" {
  datacenters = ["dc1"]
  type        = "batch"

  group "count" {
    task "sieve" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args = ["-c", "n=2; while [ $n -lt 200 ]; do d=2; while [ $((d*d)) -le $n ] && [ $((n%d)) -ne 0 ]; do d=$((d+1)); done; [ $((d*d)) -gt $n ] && echo $n; n=$((n+1)); done | wc -l"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
