#include <capstan/core/trace/tracer.hpp>

#include <cmath>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::trace {
namespace {

constexpr std::size_t kAttributes = 32;
constexpr std::size_t kText = 1024;

std::uint64_t NotZero(Random& random) {
  for (;;) {
    if (const std::uint64_t bits = random.Next(); bits != 0) return bits;
  }
}

SpanIds NewTrace(Random& random) { return {NotZero(random), NotZero(random), NotZero(random), false}; }

class UnkeptSpan final : public Span, public std::enable_shared_from_this<UnkeptSpan> {
 public:
  UnkeptSpan(SpanIds ids, std::string object) : ids_(ids), object_(std::move(object)) {}
  const SpanIds& ids() const override { return ids_; }
  const std::string& object() const override { return object_; }
  std::shared_ptr<Span> Child(std::string_view, SpanKind) override { return shared_from_this(); }
  void Set(std::string_view, std::string) override {}
  void Set(std::string_view, std::int64_t) override {}
  void Fail(std::string_view) override {}
  void End() override {}

 private:
  const SpanIds ids_;
  const std::string object_;
};

struct Dependencies {
  SpanSink& sink;
  const Clock& clock;
  std::shared_ptr<Random> random;
};

class KeptSpan final : public Span {
 public:
  KeptSpan(Dependencies dependencies, SpanIds ids, std::shared_ptr<const std::string> object,
           std::uint64_t parent, std::string_view name, SpanKind kind)
      : dependencies_(dependencies),
        ids_(ids),
        object_(std::move(object)),
        started_(dependencies.clock.Now()) {
    span_.ids = ids;
    span_.parent = parent;
    span_.name = Shorten(name, kText);
    span_.kind = kind;
    span_.begun = dependencies.clock.WallNow();
  }
  const SpanIds& ids() const override { return ids_; }
  const std::string& object() const override { return *object_; }
  std::shared_ptr<Span> Child(std::string_view name, SpanKind kind) override {
    SpanIds ids = ids_;
    ids.span = NotZero(*dependencies_.random);
    return std::make_shared<KeptSpan>(dependencies_, ids, object_, ids_.span, name, kind);
  }
  void Set(std::string_view key, std::string value) override { Put(key, Shorten(value, kText)); }
  void Set(std::string_view key, std::int64_t value) override { Put(key, value); }
  void Fail(std::string_view why) override {
    MutexLock lock(mutex_);
    span_.failed = true;
    span_.why = Shorten(why, kText);
  }
  void End() override {
    EndedSpan ended;
    {
      MutexLock lock(mutex_);
      if (ended_) return;
      ended_ = true;
      span_.took = dependencies_.clock.Now() - started_;
      ended = std::move(span_);
    }
    dependencies_.sink.Put(std::move(ended));
  }

 private:
  void Put(std::string_view key, std::variant<std::string, std::int64_t> value) {
    MutexLock lock(mutex_);
    if (ended_) return;
    for (Attribute& known : span_.attributes) {
      if (known.first != key) continue;
      known.second = std::move(value);
      return;
    }
    if (span_.attributes.size() < kAttributes) span_.attributes.emplace_back(key, std::move(value));
  }

  const Dependencies dependencies_;
  const SpanIds ids_;
  const std::shared_ptr<const std::string> object_;  // shared by all spans of the trace
  const Instant started_;
  Mutex mutex_;  // innermost, except for the sink's
  bool ended_ CAPSTAN_GUARDED_BY(mutex_) = false;
  EndedSpan span_ CAPSTAN_GUARDED_BY(mutex_);
};

class IdTracer final : public Tracer {
 public:
  explicit IdTracer(std::unique_ptr<Random> random) : random_(std::move(random)) {}
  std::shared_ptr<Span> Begin(std::string_view, std::string object) override {
    return std::make_shared<UnkeptSpan>(NewTrace(*random_), std::move(object));
  }
  bool keeps() const override { return false; }

 private:
  const std::unique_ptr<Random> random_;
};

class KeepingTracer final : public Tracer {
 public:
  KeepingTracer(Dependencies dependencies, double ratio) : dependencies_(dependencies), ratio_(ratio) {}
  std::shared_ptr<Span> Begin(std::string_view name, std::string object) override {
    SpanIds ids = NewTrace(*dependencies_.random);
    // 63 bits: a double is precise enough for a ratio.
    ids.sampled = std::ldexp(static_cast<double>(ids.trace_low >> 1), -63) < ratio_;
    if (!ids.sampled) return std::make_shared<UnkeptSpan>(ids, std::move(object));
    return std::make_shared<KeptSpan>(dependencies_, ids,
                                      std::make_shared<const std::string>(std::move(object)), 0, name,
                                      SpanKind::kInternal);
  }
  bool keeps() const override { return true; }

 private:
  const Dependencies dependencies_;
  const double ratio_;
};

// Ids must differ, but need not be secret, and every reconcile takes three numbers: asking the
// kernel for each was 7 % of the CPU time of an operator at rest.
std::unique_ptr<Random> OfItsOwn(Random& random) { return MakeSeededRandom(random.Next()); }

}  // namespace

std::unique_ptr<Tracer> MakeIdTracer(Random& random) { return std::make_unique<IdTracer>(OfItsOwn(random)); }

std::unique_ptr<Tracer> MakeTracer(SpanSink& sink, const Clock& clock, Random& random, double ratio) {
  return std::make_unique<KeepingTracer>(Dependencies{sink, clock, OfItsOwn(random)}, ratio);
}

}  // namespace capstan::trace
