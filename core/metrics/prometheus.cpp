// SPDX-License-Identifier: MPL-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/metrics/render.h"

namespace core::metrics {
namespace {

const std::vector<double> kQuantiles{0.5, 0.9, 0.99};

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string word(std::string_view name) {
  std::string out(name);
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  std::replace_if(out.begin(), out.end(), [&](char c) { return !plain(c); }, '_');
  return out;
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + '"';
}

std::string braced(Labels labels) {
  if (labels.empty()) return "";
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.name < b.name; });
  std::string out;
  for (const auto& label : labels) out += (out.empty() ? "{" : ",") + word(label.name) + '=' + quoted(label.value);
  return out + '}';
}

// One text, series after series; those of one name share its two lines of comment.
class Text {
 public:
  explicit Text(const std::string& host) : host_(host) {}

  void begin(const Identity& identity, const char* type) {
    auto name = word(identity.name);
    if (name != name_) out_ += "# HELP " + name + ' ' + name + "\n# TYPE " + name + ' ' + type + '\n';
    name_ = std::move(name);
    labels_ = identity.labels;
    if (!host_.empty()) labels_.push_back({"host", host_});
  }
  void value(double value, const char* suffix = "", const Labels& more = {}) {
    auto labels = labels_;
    labels.insert(labels.end(), more.begin(), more.end());
    out_ += name_ + suffix + braced(std::move(labels)) + ' ' + number(value) + '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  const std::string& host_;
  std::string out_, name_;
  Labels labels_;
};

bool set_lately(const GaugeSeries& series) {
  for (std::size_t slot = 0; slot < kSlots; ++slot)
    if (series.has(slot)) return true;
  return false;
}

}  // namespace

std::string to_prometheus(const Registry& registry) {
  Text text(registry.host());
  registry.counters().each([&](const CounterSeries& series) {
    text.begin(series.identity, "counter");
    text.value(series.total);
  });
  registry.gauges().each([&](const GaugeSeries& series) {
    if (!set_lately(series)) return;
    text.begin(series.identity, "gauge");
    text.value(series.last);
  });
  registry.samples().each([&](const SampleSeries& series) {
    if (series.total_count == 0) return;
    text.begin(series.identity, "summary");
    const auto values = series.quantiles(kQuantiles);
    for (std::size_t i = 0; i < kQuantiles.size(); ++i) text.value(values[i], "", {{"quantile", number(kQuantiles[i])}});
    text.value(series.total_sum, "_sum");
    text.value(static_cast<double>(series.total_count), "_count");
  });
  return text.take();
}

}  // namespace core::metrics
