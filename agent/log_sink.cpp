// SPDX-License-Identifier: MPL-2.0
#include "agent/log_sink.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "core/base/json.h"

namespace agent {
namespace {

// "2026-11-22T10:57:29.754Z": to the millisecond.
std::string stamp(core::WallTime time) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  auto text = core::format_rfc3339({time.ns / kMillisecond * kMillisecond});
  const auto point = text.find('.');
  if (point == std::string::npos) return text.substr(0, text.size() - 1) + ".000Z";
  while (text.size() < point + 5) text.insert(text.size() - 1, "0");
  return text;
}

std::string_view padded(core::Level level) {
  switch (level) {
    case core::Level::trace: return "[TRACE]";
    case core::Level::debug: return "[DEBUG]";
    case core::Level::info: return "[INFO] ";
    case core::Level::warn: return "[WARN] ";
    case core::Level::error: return "[ERROR]";
  }
  UNREACHABLE();
}

}  // namespace

struct LogSink::Out {
  spdlog::logger logger{"agent", std::make_shared<spdlog::sinks::stdout_sink_st>()};
  bool held = true;
  std::vector<std::string> waiting;
};

LogSink::LogSink(Options options, std::function<core::WallTime()> wall)
    : options_(options), wall_(std::move(wall)), out_(std::make_unique<Out>()) {
  out_->logger.set_pattern("%v");
  out_->logger.set_level(spdlog::level::trace);
  out_->logger.flush_on(spdlog::level::trace);
}

LogSink::~LogSink() { release(); }

std::string LogSink::format(core::Level level, std::string_view text) const {
  if (!options_.json)
    return (options_.plain ? "" : "    ") + stamp(wall_()) + " " + std::string(padded(level)) + " " + std::string(text);
  const auto colon = text.find(": ");
  core::json::Writer w;
  w.begin_object();
  w.key("@level");
  std::string lower(to_string(level));
  for (auto& c : lower) c = static_cast<char>(c | 0x20);
  w.string(lower);
  w.key("@message");
  w.string(colon == std::string_view::npos ? text : text.substr(colon + 2));
  w.key("@module");
  w.string(colon == std::string_view::npos ? "agent" : text.substr(0, colon));
  w.key("@timestamp");
  w.string(stamp(wall_()));
  w.end_object();
  return w.take();
}

void LogSink::write(core::Level level, std::string_view text) {
  auto line = format(level, text);
  if (out_->held) out_->waiting.push_back(std::move(line));
  else out_->logger.info("{}", line);
}

void LogSink::release() {
  out_->held = false;
  for (const auto& line : std::exchange(out_->waiting, {})) out_->logger.info("{}", line);
}

}  // namespace agent
