// A trace is the work done on behalf of one operation, such as a reconcile: a tree of spans, each
// with a name, a beginning and an end. Context carries the current span; without one, nothing is
// traced and tracing costs nothing.
//
// Names, ids and attributes follow OpenTelemetry; exporter.hpp sends spans to a collector. Secrets
// must not be passed to a span.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <capstan/core/base/context.hpp>

namespace capstan::trace {

// 16 bytes of trace id and 8 of span id, neither ever all zero.
struct SpanIds {
  std::uint64_t trace_high = 0, trace_low = 0, span = 0;
  bool sampled = false;  // whether it is kept for a collector

  std::string TraceText() const;  // "4bf92f3577b34da6a3ce929d0e0e4736"
  std::string SpanText() const;   // "00f067aa0ba902b7"
  // The W3C Trace Context header: "00-4bf9...-00f0...-01".
  std::string TraceParent() const;
};

// Values as in OTLP.
enum class SpanKind { kInternal = 1, kClient = 3 };

// Thread-safe. The caller that began a span ends it, once; attributes set later are lost. A Context
// may keep the span alive longer, and children may still begin. Calls never block and cannot fail.
class Span {
 public:
  virtual ~Span() = default;
  virtual const SpanIds& ids() const = 0;
  // The subject of its trace, as in log lines: "DigitalOceanCluster team/web".
  virtual const std::string& object() const = 0;
  // A child span that begins now. Never null.
  virtual std::shared_ptr<Span> Child(std::string_view name, SpanKind kind) = 0;
  virtual void Set(std::string_view key, std::string value) = 0;
  virtual void Set(std::string_view key, std::int64_t value) = 0;
  // Marks the span as failed.
  virtual void Fail(std::string_view why) = 0;
  virtual void End() = 0;
};

// Thread-safe.
class Tracer {
 public:
  virtual ~Tracer() = default;
  // Begins a new trace about `object` (may be empty) and its root span. Never null.
  virtual std::shared_ptr<Span> Begin(std::string_view name, std::string object) = 0;
  // False if spans only provide ids for log lines: requests then need no spans of their own.
  virtual bool keeps() const = 0;
};

// RAII: a child of the context's span from here to the end of the block; does nothing if there is
// none.
class Scope {
 public:
  Scope(const Context& context, std::string_view name, SpanKind kind = SpanKind::kInternal)
      : span_(context.span ? context.span->Child(name, kind) : nullptr) {}
  ~Scope() {
    if (span_) span_->End();
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  explicit operator bool() const { return span_ != nullptr; }
  Span* operator->() const { return span_.get(); }
  // The same context with this span as the current one.
  Context Of(const Context& context) const { return span_ ? context.As(span_) : context; }

 private:
  const std::shared_ptr<Span> span_;
};

// A 64-bit id as 16 lower-case hexadecimal digits.
std::string HexOf(std::uint64_t bits);

}  // namespace capstan::trace
