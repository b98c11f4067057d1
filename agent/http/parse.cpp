// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"
#include "core/jobspec/decode.h"

namespace agent::http {
namespace {

struct ParseBody {
  std::string text;
  bool hcl1 = false, canonicalize = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("JobHCL", self.text);
    visit("hclv1", self.hcl1);
    visit("Canonicalize", self.canonicalize);
  }
};

}  // namespace

void parse_job(const Call& call) {
  if (!call.writes()) return call.invalid_method();
  auto document = call.body();
  if (!document.ok()) return call.fail(document.error());
  ParseBody body;
  if (const auto decoded = core::decode(document->root(), body); !decoded.ok()) return call.fail(decoded.error());
  if (body.text.empty()) return call.fail(400, "Job spec is empty");
  core::jobspec::Options options;
  options.hcl1 = body.hcl1;
  auto job = core::jobspec::parse_job(body.text, "input.hcl", options);
  if (!job.ok()) return call.fail(400, job.error().detail);
  if (body.canonicalize) core::model::canonicalize(*job, call.api().self.region);
  call.ok(core::model::job_to_api(*job));
}

}  // namespace agent::http
