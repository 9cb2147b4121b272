// Wire is the one door through which one life of an operator acts: each request passes, or meets
// the trouble that the test asked for. A dead life gets kCancelled for all it still tries.
// Thread-safe. What the constructor is given must outlive it.
#pragma once

#include <atomic>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/testing/wire/trouble.hpp>

namespace capstan::testing {

class Wire final : public http::Transport {
 public:
  // `patience`: how soon a stream that says nothing notices that it was cut; zero: when it speaks.
  // `dead`: whether the life is over; all wires of a life share it.
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
