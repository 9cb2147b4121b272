// A trace is what was done on behalf of one piece of work, such as a reconcile: a tree of spans,
// each with a name, a beginning and an end. Context carries the span that a call belongs to; where
// it carries none, nothing is traced and nothing is paid.
//
// Names, ids and attributes are those of OpenTelemetry; exporter.hpp sends them there. Secrets must
// not be passed to a span.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <capstan/core/base/context.hpp>

namespace capstan::trace {

// 16 bytes of a trace and 8 of a span, neither ever all zero.
struct SpanIds {
  std::uint64_t trace_high = 0, trace_low = 0, span = 0;
  bool sampled = false;  // whether it is kept for a collector

  std::string TraceText() const;  // "4bf92f3577b34da6a3ce929d0e0e4736"
  std::string SpanText() const;   // "00f067aa0ba902b7"
  // The header of W3C Trace Context: "00-4bf9...-00f0...-01".
  std::string TraceParent() const;
};

// The numbers are OTLP's.
enum class SpanKind { kInternal = 1, kClient = 3 };

// Thread-safe. The caller that began it ends it, once; what is set later is lost. A Context may
// keep it longer than that, and children may still begin. A call never blocks and cannot fail.
class Span {
 public:
  virtual ~Span() = default;
  virtual const SpanIds& ids() const = 0;
  // What its trace is about, as log lines name it: "DigitalOceanCluster team/web".
  virtual const std::string& object() const = 0;
  // Never null. Begins now.
  virtual std::shared_ptr<Span> Child(std::string_view name, SpanKind kind) = 0;
  virtual void Set(std::string_view key, std::string value) = 0;
  virtual void Set(std::string_view key, std::int64_t value) = 0;
  // It ended badly, and why.
  virtual void Fail(std::string_view why) = 0;
  virtual void End() = 0;
};

// Thread-safe.
class Tracer {
 public:
  virtual ~Tracer() = default;
  // A new trace about `object` (may be empty); its first span begins now. Never null.
  virtual std::shared_ptr<Span> Begin(std::string_view name, std::string object) = 0;
  // False when spans have ids for log lines and are not kept: requests need none of their own.
  virtual bool keeps() const = 0;
};

// A child of the span of `context` from here to the end of the block; nothing where there is none.
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
  // The same context, for what is a part of this span.
  Context Of(const Context& context) const { return span_ ? context.As(span_) : context; }

 private:
  const std::shared_ptr<Span> span_;
};

// Ids of 64 bits as 16 hexadecimal digits in lower case.
std::string HexOf(std::uint64_t bits);

}  // namespace capstan::trace
