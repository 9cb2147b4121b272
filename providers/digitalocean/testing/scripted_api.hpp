// For this folder's tests: an API with scripted responses that records the requests.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan::digitalocean {

inline bool SameJson(const std::string& a, const std::string& b) {
  return json::Equal(std::string_view(a), std::string_view(b));
}

class ScriptedApi final : public http::Handler {
 public:
  // Sets the next response to "METHOD /path?query"; several are queued, and the last one repeats.
  void Answer(const std::string& request, int status, const std::string& body, http::Headers headers = {}) {
    answers_[request].push_back(http::Response{status, std::move(headers), body});
  }
  // The connection breaks instead of a response.
  void Break(const std::string& request) { answers_[request].push_back(http::Response{0, {}, ""}); }

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    auto target = http::ParseUrl(request.url).value().target;
    auto key = StrCat(request.method, " ", target);
    requests.push_back(request);
    asked.push_back(key);
    auto found = answers_.find(key);
    if (found == answers_.end() || found->second.empty()) {
      (void)writer.Respond(
          {404, {}, R"({"id":"not_found","message":"nothing is scripted for )" + key + R"("})"});
      return;
    }
    auto answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    if (answer.status == 0) {
      writer.Abort();
      return;
    }
    (void)writer.Respond(answer);
  }
  std::vector<http::Request> requests;
  std::vector<std::string> asked;

 private:
  std::map<std::string, std::deque<http::Response>> answers_;
};

inline constexpr char kTestCluster[] = "bd5f5959-5e1e-4205-a714-a914373942af";

// A provider whose requests go to a ScriptedApi.
struct Bench {
  Bench() {
    transport.Route("api.digitalocean.com", &api);
    provider = MakeProvider("", transport, scheduler, *random, log).value();
    cloud = provider->Connect(kKind, {{{"token", Secret("dop_v1_sesame\n")}}}, Context{}).value();
  }
  SimulatedScheduler scheduler;
  std::unique_ptr<Random> random = MakeSeededRandom(1);
  RecordingLog log;
  ScriptedApi api;
  http::LoopbackTransport transport{scheduler};
  std::unique_ptr<external::Provider> provider;
  std::unique_ptr<external::External> cloud;
  external::Identity identity{"capstan:uid-1", "capstan-owner:home", "", ""};
  Context context;
};

}  // namespace capstan::digitalocean
