// Wire is the transport of one instance of an operator: each request passes, or suffers the fault
// that the test injected. A crashed instance gets kCancelled for all further requests. Thread-safe.
// Its constructor arguments must outlive it.
#pragma once

#include <atomic>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/testing/wire/trouble.hpp>

namespace capstan::testing {

class Wire final : public http::Transport {
 public:
  // `patience`: how soon a silent stream notices that it was cut; zero: only when data arrives.
  // `dead`: whether the instance has crashed; all wires of an instance share it.
  Wire(http::Transport& next, Scheduler& scheduler, Trouble& trouble, int life, std::atomic<bool>& dead,
       Duration patience)
      : next_(next),
        scheduler_(scheduler),
        trouble_(trouble),
        life_(life),
        dead_(dead),
        patience_(patience) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  class Stream;
  Result<http::Response> Meet(const Trouble::Verdict& verdict, const RequestVerb& verb,
                              const http::Request& request, const Context& context);
  void Note(const RequestVerb& verb, const std::string& result);

  http::Transport& next_;
  Scheduler& scheduler_;
  Trouble& trouble_;
  const int life_;
  std::atomic<bool>& dead_;
  const Duration patience_;
};

}  // namespace capstan::testing
