// SPDX-License-Identifier: MPL-2.0
// Commands that work on job files alone: init and validate.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/job_file.h"

namespace cli {
namespace {

constexpr std::string_view kExample =
    R"(# A service: one task that serves HTTP on a port that the scheduler picks.
# Run it with `nomad run example.nomad`, look at it with `nomad status example`.
job "example" {
	# Where it may run. Nodes name their datacenter with -dc; the default is dc1.
	datacenters = ["dc1"]

	# "service" is kept running; "batch" runs until it is done.
	type = "service"

	# 1 to 100; more important jobs are scheduled first.
	priority = 50

	# Only nodes that this holds for are considered.
	constraint {
		attribute = "${attr.kernel.name}"
		value     = "linux"
	}

	# When the job changes, replace this many at a time, this far apart.
	update {
		stagger      = "10s"
		max_parallel = 1
	}

	# Tasks of a group are placed on one node, together.
	group "web" {
		count = 1

		# What happens when a task stops by itself: try twice in half an hour, then fail.
		restart {
			attempts = 2
			interval = "30m"
			delay    = "15s"
			mode     = "fail"
		}

		task "server" {
			# "exec" isolates the command from the host (as root); "raw_exec" does not.
			driver = "exec"

			config {
				command = "/bin/busybox"
				args    = ["httpd", "-f", "-p", "${NOMAD_PORT_http}", "-h", "${NOMAD_TASK_DIR}"]
			}

			resources {
				cpu    = 100 # MHz
				memory = 64  # MB

				network {
					mbits = 1
					port "http" {}
				}
			}
		}
	}
})";

}  // namespace

int job_init(const Context& context, Arguments arguments) {
  if (arguments.size() > 1 || (!arguments.empty() && arguments.front().starts_with('-'))) return fail(context, help::kInit);
  const auto path = arguments.empty() ? std::string("example.nomad") : arguments.front();
  const auto why = [] { return std::string(std::strerror(errno)); };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
  if (file < 0 && errno == EEXIST) return fail(context, "Job '" + path + "' already exists");
  if (file < 0) return fail(context, "Failed to write '" + path + "': " + why());
  const bool written = ::write(file, kExample.data(), kExample.size()) == static_cast<ssize_t>(kExample.size());
  const auto reason = written ? "" : why();
  if (::close(file) != 0 || !written) return fail(context, "Failed to write '" + path + "': " + reason);
  context.ui.out("Example job file written to " + path);
  return 0;
}

int job_validate(const Context& context, Arguments arguments, Style style) {
  JobFileOptions file;
  Flags flags;
  flags.boolean("hcl1", file.hcl1).list("var", file.variables).list("var-file", file.variable_files);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kValidate);
  if (words->size() != 1)
    return fail(context, style == Style::v0_1_2 ? std::string(help::kValidate) : "This command takes one argument: <path>\nFor additional help try 'nomad job validate -help'");
  auto job = read_job(words->front(), file, style);
  if (!job.ok()) return fail(context, job.error().detail);
  core::model::canonicalize(*job, "global");
  if (const auto errors = core::model::validate(*job); !errors.empty())
    return fail(context, (style == Style::v0_1_2 ? "Error validating job: " : "Job validation errors:\n") + core::model::multi_error(errors));
  context.ui.out("Job validation successful");
  return 0;
}

}  // namespace cli
