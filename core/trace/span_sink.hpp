// SpanSink receives ended spans.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::trace {

using Attribute = std::pair<std::string, std::variant<std::string, std::int64_t>>;

struct EndedSpan {
  SpanIds ids;
  std::uint64_t parent = 0;  // 0: the root span of its trace
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  WallTime begun;
  Duration took = Duration::zero();
  bool failed = false;
  std::string why;  // why it failed
  std::vector<Attribute> attributes;
};

// Must be thread-safe. Put never blocks and cannot fail.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Put(EndedSpan span) = 0;
};

}  // namespace capstan::trace
