// The two tracers: one whose spans only have ids for log lines, and one that passes spans on. Both
// are thread-safe, as are their spans.
#pragma once

#include <memory>

#include <capstan/core/base/random.hpp>
#include <capstan/core/trace/span_sink.hpp>

namespace capstan::trace {

// Its spans are never kept: a child is the same as its parent. `random` gives one number, which its
// ids are derived from.
std::unique_ptr<Tracer> MakeIdTracer(Random& random);

// Keeps `ratio` (0 to 1) of the traces, each as a whole, selected by id as OpenTelemetry's
// traceidratio sampler does. Keeps at most 32 attributes per span, and 1,024 bytes of each text.
//
// `sink` and `clock` must outlive it and its spans; `random` gives one number.
std::unique_ptr<Tracer> MakeTracer(SpanSink& sink, const Clock& clock, Random& random, double ratio = 1);

}  // namespace capstan::trace
