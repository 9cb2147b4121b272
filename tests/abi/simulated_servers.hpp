// SimulatedServers is the cloud for examples/provider_servers, as an http::Handler: whole numbers
// as ids (anything else is a 400), labels whose values must not contain a colon, pages that name
// the next one, errors as objects, no endpoint that names the token's account. Thread-safe. The
// clock must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/handler.hpp>

namespace capstan::abi {

struct SimulatedServer {
  std::int64_t id = 0;
  std::string name, type, status;
  std::map<std::string, std::string> labels;
  WallTime made{};
  Instant changes{};
};

class SimulatedServers final : public http::Handler {
 public:
  SimulatedServers(const Clock& clock, std::string token, std::size_t page_size = 3)
      : clock_(clock), token_(std::move(token)), page_size_(page_size) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

  std::vector<SimulatedServer> Servers() const CAPSTAN_EXCLUDES(mutex_);
  // Creates a server as another user of the cloud would.
  std::int64_t MakeForeign(const std::string& name) CAPSTAN_EXCLUDES(mutex_);

 private:
  http::Response Answer(const http::Request& request) CAPSTAN_REQUIRES(mutex_);
  http::Response List(const http::Url& url) CAPSTAN_REQUIRES(mutex_);
  http::Response Create(const http::Request& request) CAPSTAN_REQUIRES(mutex_);
  http::Response One(const http::Request& request, SimulatedServer& server, const std::string& rest)
      CAPSTAN_REQUIRES(mutex_);
  void Enter(SimulatedServer& server, const std::string& status) CAPSTAN_REQUIRES(mutex_);

  const Clock& clock_;
  const std::string token_;
  const std::size_t page_size_;
  mutable Mutex mutex_;
  std::map<std::int64_t, SimulatedServer> servers_ CAPSTAN_GUARDED_BY(mutex_);
  std::int64_t last_id_ CAPSTAN_GUARDED_BY(mutex_) = 1000;
};

}  // namespace capstan::abi
