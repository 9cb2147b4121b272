// For tests: a server and a Process that follow a script and record the calls they receive.
//
// Not thread-safe: a test uses them from one task at a time, through LoopbackTransport or directly.
// A request or run beyond the script does not crash: it is answered with 500, or kNotFound, so that
// the test fails at its own assertion.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/process.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/http/loopback.hpp>

namespace capstan::kube {

// Answers requests in the order of its script. An answer is a function, so that it can inspect the
// request, stream, or abort.
class ScriptedServer final : public http::Handler {
 public:
  using Answer = std::function<void(const http::Request&, http::ResponseWriter&, const Context&)>;

  void Then(Answer answer) { script_.push_back(std::move(answer)); }
  void Then(int status, std::string body, http::Headers headers = {}) {
    Then([=](const http::Request&, http::ResponseWriter& writer, const Context&) {
      (void)writer.Respond({status, headers, body});
    });
  }
  // A streamed answer in pieces; the body is cut at the end if `abort`.
  void ThenStream(std::vector<std::string> pieces, bool abort = false) {
    Then([=](const http::Request&, http::ResponseWriter& writer, const Context&) {
      (void)writer.Begin(200, {{"Content-Type", "application/json"}});
      for (const auto& piece : pieces) (void)writer.Write(piece);
      if (abort) writer.Abort();
    });
  }

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    requests.push_back(request);
    if (script_.empty()) {
      (void)writer.Respond({500, {}, "nothing left in the script"});
      return;
    }
    const Answer answer = std::move(script_.front());
    script_.pop_front();
    answer(request, writer, context);
  }

  std::vector<http::Request> requests;  // all of them, in order
  // REQUIRES of the next three: a request has come.
  const http::Request& last() const { return requests.back(); }
  std::string path() const { return std::string(http::ParseUrl(last().url)->path()); }
  std::string query(std::string_view name) const {
    return http::QueryValue(http::ParseUrl(last().url)->query(), name, "(none)");
  }

 private:
  std::deque<Answer> script_;
};

// A Process with preset programs and environment.
class ScriptedProcess final : public Process {
 public:
  using Program = std::function<Result<Completed>(const Command&, const Context&)>;
  Result<Completed> Run(const Command& command, const Context& context) override {
    commands.push_back(command);
    return run ? run(command, context) : Fail(Code::kNotFound, "no such program");
  }
  std::optional<std::string> Environment(const std::string& name) override {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  }
  Program run;                    // produces the result of each run; empty: there is no such program
  std::vector<Command> commands;  // all runs, in order
  std::map<std::string, std::string> environment;
};

// The body of an error response in the API server's format.
inline std::string StatusJson(int code, const std::string& reason, const std::string& message,
                              const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":)" + details + R"(,"code":)" + std::to_string(code) +
         "}";
}

}  // namespace capstan::kube
