// SPDX-License-Identifier: MPL-2.0
// Log lines are a subsystem, a sentence and pairs:
//   LOG(log_, info, "elected leader", {"term", term}, {"votes", n});
// prints "2026-11-22T10:57:29.754Z [INFO]  raft: elected leader: term=3 votes=2".
//
// A Logger is a value given to each component; it knows its subsystem and borrows a Sink, which adds
// the time (virtual or real). State changes are info, refusals debug, what an operator must act on
// warn. Never a secret, never a payload. Arguments are not evaluated below the sink's level.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/id.h"
#include "core/base/ordinal.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace core {

enum class Level { trace, debug, info, warn, error };
// "TRACE" ... ; and the inverse, any case, with Nomad's "ERR" taken for error.
std::string_view to_string(Level level);
Result<Level> parse_level(std::string_view word);

class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool enabled(Level level) const = 0;
  // `text` is "<subsystem>: <sentence>[: k=v k=v]", without time, level or newline.
  virtual void write(Level level, std::string_view text) = 0;
};

struct Pair {
  std::string_view key;
  std::string value;

  Pair(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Pair(std::string_view k, std::string_view v) : key(k), value(v) {}
  Pair(std::string_view k, const char* v) : key(k), value(v) {}
  Pair(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <std::integral T>
  Pair(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
  template <class Tag>
  Pair(std::string_view k, const Id<Tag>& v) : key(k), value(v.text) {}
  template <class Tag>
  Pair(std::string_view k, Ordinal<Tag> v) : key(k), value(std::to_string(v.value)) {}
  Pair(std::string_view k, Duration v) : key(k), value(format_duration(v)) {}
  Pair(std::string_view k, const Error& v) : key(k), value(v.detail) {}
};

class Logger {
 public:
  Logger() = default;  // says nothing
  // `sink` outlives every logger made from it.
  Logger(Sink& sink, std::string_view subsystem) : sink_(&sink), subsystem_(subsystem) {}

  Logger named(std::string_view subsystem) const;
  bool enabled(Level level) const { return sink_ != nullptr && sink_->enabled(level); }
  void write(Level level, std::string_view sentence, std::initializer_list<Pair> pairs = {}) const;

 private:
  Sink* sink_ = nullptr;
  std::string subsystem_;
};

}  // namespace core

#define LOG(logger, level, ...)                                                   \
  do {                                                                            \
    if ((logger).enabled(::core::Level::level)) CORE_LOG_WRITE(logger, level, __VA_ARGS__); \
  } while (false)
#define CORE_LOG_WRITE(logger, level, sentence, ...) \
  (logger).write(::core::Level::level, sentence, {__VA_ARGS__})
