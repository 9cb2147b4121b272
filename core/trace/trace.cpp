#include <capstan/core/trace/trace.hpp>

namespace capstan::trace {

std::string HexOf(std::uint64_t bits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (int at = 15; at >= 0; --at, bits >>= 4) text[static_cast<std::size_t>(at)] = kDigits[bits & 0xF];
  return text;
}

std::string SpanIds::TraceText() const { return HexOf(trace_high) + HexOf(trace_low); }
std::string SpanIds::SpanText() const { return HexOf(span); }
std::string SpanIds::TraceParent() const {
  return "00-" + TraceText() + "-" + SpanText() + (sampled ? "-01" : "-00");
}

}  // namespace capstan::trace
