// Private: Service takes a request through authentication, rate limits, faults and routing to its
// endpoint, and completes the headers of the answer. Not thread-safe: the lock of SimulatedCloud
// guards it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/http/message.hpp>
#include <capstan/local/digitalocean/api/api.hpp>
#include <capstan/local/digitalocean/api/rate_limit.hpp>
#include <capstan/local/digitalocean/fault.hpp>

namespace capstan::simulated_digitalocean {

class Service {
 public:
  explicit Service(World& world);

  struct Result {
    http::Response response;
    bool cut = false;
  };
  Result Serve(const http::Request& request, WallTime now, Instant instant);

  // Reloads the tokens of all accounts; revoked tokens stay revoked.
  void ReadAccounts();
  void Revoke(const Secret& token, bool revoked);

  std::vector<Fault> faults;
  std::uint64_t faults_struck = 0;
  std::uint64_t rate_limited = 0;
  std::map<std::string, std::uint64_t> counts;

 private:
  struct Token {
    std::string account;
    std::vector<std::string> scopes;
    std::string fingerprint;
  };
  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> values;  // of path {parameters}, decoded
  };
  static Match FindRoute(std::string_view method, std::string_view path);
  const Token* Authenticate(const http::Request& request) const;
  std::optional<Fault> Strike(const http::Request& request, std::string_view path, const Token& token);
  std::optional<Fault> StrikeByChance();
  Answer Dispatch(Call& call, const Match& match);
  Result Dress(const Answer& answer, const RateLimiter::Verdict& limit, WallTime now);
  Result DressFault(const Fault& fault, const RateLimiter::Verdict& limit, WallTime now);

  World& world_;
  RateLimiter limiter_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, bool> revoked_;
};

}  // namespace capstan::simulated_digitalocean
