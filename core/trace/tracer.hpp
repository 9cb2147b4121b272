// The two tracers: one whose spans have ids for log lines and nothing else, and one that hands
// spans on.
#pragma once

#include <memory>

#include <capstan/core/base/random.hpp>
#include <capstan/core/trace/span_sink.hpp>

namespace capstan::trace {

// Its spans are never kept: a child is its parent. `random` must outlive it and its spans.
std::unique_ptr<Tracer> MakeIdTracer(Random& random);

// Keeps `ratio` (0 to 1) of the traces, whole, chosen by their id as OpenTelemetry's traceidratio
// sampler does. Of a span it keeps 32 attributes, and 1,024 bytes of each text.
//
// All references must outlive it and its spans.
std::unique_ptr<Tracer> MakeTracer(SpanSink& sink, const Clock& clock, Random& random, double ratio = 1);

}  // namespace capstan::trace
