// Private to core/trace. Spans as an ExportTraceServiceRequest of OTLP, JSON-encoded: ids in
// hexadecimal, 64-bit numbers as strings. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <capstan/core/trace/span_sink.hpp>

namespace capstan::trace {

std::string SpansToJson(const std::vector<std::pair<std::string, std::string>>& resource,
                        const std::vector<EndedSpan>& spans);

}  // namespace capstan::trace
