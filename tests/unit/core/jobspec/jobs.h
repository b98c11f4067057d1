// SPDX-License-Identifier: MPL-2.0
// Job files of both generations, and a parse that says why it failed.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "core/jobspec/decode.h"

namespace test::jobspec {

// What `init` of the first releases wrote.
inline constexpr const char* kFirstExample = R"(# There can only be a single job definition per file.
# Create a job with ID and Name 'example'
job "example" {
	# Run the job in the global region, which is the default.
	# region = "global"

	# Specify the datacenters within the region this job can run in.
	datacenters = ["dc1"]

	# Service type jobs optimize for long-lived services. This is
	# the default but we can change to batch for short-lived tasks.
	# type = "service"

	# Priority controls our access to resources and scheduling priority.
	# This can be 1 to 100, inclusively, and defaults to 50.
	# priority = 50

	# Restrict our job to only linux. We can specify multiple
	# constraints as needed.
	constraint {
		attribute = "$attr.kernel.name"
		value = "linux"
	}

	# Configure the job to do rolling updates
	update {
		# Stagger updates every 10 seconds
		stagger = "10s"

		# Update a single task at a time
		max_parallel = 1
	}

	# Create a 'cache' group. Each task in the group will be
	# scheduled onto the same machine.
	group "cache" {
		# Control the number of instances of this groups.
		# Defaults to 1
		# count = 1

		# Define a task to run
		task "redis" {
			# Use Docker to run the task.
			driver = "docker"

			# Configure Docker driver with the image
			config {
				image = "redis:latest"
			}

			# We must specify the resources required for
			# this task to ensure it runs on a machine with
			# enough capacity.
			resources {
				cpu = 500 # 500 Mhz
				memory = 256 # 256MB
				network {
					mbits = 10
					dynamic_ports = ["6379"]
				}
			}
		}
	}
})";

// The long example of later releases, without most of its comments.
inline constexpr const char* kLaterExample = R"(
job "example" {
  datacenters = ["dc1"]
  type = "service"

  update {
    max_parallel = 1
    min_healthy_time = "10s"
    healthy_deadline = "3m"
    progress_deadline = "10m"
    auto_revert = false
    canary = 0
  }
  migrate {
    max_parallel = 1
    health_check = "checks"
    min_healthy_time = "10s"
    healthy_deadline = "5m"
  }
  # The "group" stanza defines a series of tasks that should be co-located on
  # the same Nomad client.
  group "cache" {
    count = 1

    network {
      port "db" {
        to = 6379
      }
    }

    service {
      name = "redis-cache"
      tags = ["global", "cache"]
      port = "db"
      // check {
      //   type = "tcp"
      // }
    }

    restart {
      attempts = 2
      interval = "30m"
      delay = "15s"
      mode = "fail"
    }

    ephemeral_disk {
      size = 300
    }

    task "redis" {
      driver = "docker"

      config {
        image = "redis:3.2"

        ports = ["db"]
      }

      /* artifact {
           source = "http://foo.com/artifact.tar.gz"
         } */

      resources {
        cpu    = 500 # 500 MHz
        memory = 256 # 256MB
      }
    }
  }
}
)";

inline core::Result<core::model::Job> parse(std::string_view text,
                                            const core::jobspec::Options& options = {}) {
  return core::jobspec::parse_job(text, "test.nomad", options);
}

inline core::model::Job parsed(std::string_view text, const core::jobspec::Options& options = {}) {
  auto job = parse(text, options);
  if (!job.ok()) FAIL(job.error().detail);
  return *job;
}

inline std::string refusal(std::string_view text, const core::jobspec::Options& options = {}) {
  const auto job = parse(text, options);
  return job.ok() ? std::string() : job.error().detail;
}

// A job of one group and one task with `inside` in the task.
inline std::string with_task(std::string_view inside) {
  return "job \"j\" {\n datacenters = [\"dc1\"]\n group \"g\" {\n task \"t\" {\n driver = \"exec\"\n" +
         std::string(inside) + "\n}\n}\n}\n";
}
inline core::model::Task task_with(std::string_view inside, const core::jobspec::Options& options = {}) {
  return parsed(with_task(inside), options).groups.at(0).tasks.at(0);
}

// The meta value `x` of a job whose file starts with `head` and sets x to `expression`.
inline std::string evaluated(std::string_view expression, std::string_view head = "",
                             const core::jobspec::Options& options = {}) {
  const auto job = parsed(
      std::string(head) + "\njob \"j\" {\n meta {\n x = " + std::string(expression) + "\n}\n}\n", options);
  return job.meta.contains("x") ? job.meta.at("x") : "<absent>";
}

}  // namespace test::jobspec
