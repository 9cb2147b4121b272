// The services that the host lends, behind the interfaces that provider code uses: Transport,
// Clock, Random and Log. Thread-safe. They exist as long as the plugin instance. Private to
// sdk/cpp: authors get them through Setup.
#pragma once

#include <stop_token>

#include <capstan/plugin.h>
#include <capstan/core/base/context.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::sdk {

// One call of the host, on the thread that it arrived on. During its lifetime, the lent services
// know which call they serve. Its Context stops at the first use of any of them after the host
// requested an end of the call.
class CallScope {
 public:
  CallScope(const capstan_host_t* host, capstan_call_t* call);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  Context context() const;
  capstan_call_t* call() const { return call_; }
  // Asks the host whether the call should end, and stops the Context if so.
  void Poll();
  // The call on this thread, or null outside of any call.
  static CallScope* Current();

 private:
  const capstan_host_t* host_;
  capstan_call_t* call_;
  CallScope* outer_;
  std::stop_source stop_;
};

// Works only during a call of the host and on its thread; otherwise kInternal, with nothing sent.
// Open reads the whole answer first, because the host lends no streams.
class LentTransport final : public http::Transport {
 public:
  explicit LentTransport(const capstan_host_t* host) : host_(host) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  const capstan_host_t* host_;
};

class LentClock final : public Clock {
 public:
  explicit LentClock(const capstan_host_t* host) : host_(host) {}
  Instant Now() const override;
  WallTime WallNow() const override;

 private:
  const capstan_host_t* host_;
};

class LentRandom final : public Random {
 public:
  explicit LentRandom(const capstan_host_t* host) : host_(host) {}
  std::uint64_t Next() override { return host_->random(host_); }

 private:
  const capstan_host_t* host_;
};

class LentLog final : public Log {
 public:
  explicit LentLog(const capstan_host_t* host) : host_(host) {}
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;

 private:
  const capstan_host_t* host_;
};

}  // namespace capstan::sdk
