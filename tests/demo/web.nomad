# A service: a web server on a port that the scheduler picks.
job "web" {
  datacenters = ["dc1"]
  type        = "service"

  group "site" {
    count = 1

    task "httpd" {
      driver = "raw_exec"

      config {
        command = "/bin/busybox"
        args    = ["httpd", "-f", "-p", "127.0.0.1:${NOMAD_PORT_http}", "-h", "${NOMAD_TASK_DIR}"]
      }

      resources {
        cpu    = 50
        memory = 32

        network {
          mbits = 1
          port "http" {}
        }
      }
    }
  }
}
