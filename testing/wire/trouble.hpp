// Trouble stores the faults that a test injects between the operator and its API server, shared by
// all instances of the operator. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::testing {

// A request as RBAC sees it.
struct RequestVerb {
  std::string verb;      // "get", "list", "watch", "create", "update", "patch", "delete"
  std::string resource;  // "configmaps", "websites.example.dev/status"
  std::string namespace_, name;
  bool writes() const { return verb != "get" && verb != "list" && verb != "watch"; }
  std::string ToString() const;  // "patch websites.example.dev/status default/home"
};
RequestVerb VerbOf(const http::Request& request);

// Requests that fail. Empty texts match everything.
struct RequestFailure {
  std::string verb, resource;
  int status = 500;        // 0: the connection breaks
  bool committed = false;  // the server processes it, and only the answer is lost
  int times = 1;
};

class Trouble {
 public:
  // What to do with one request.
  struct Verdict {
    enum class What { kPass, kForbid, kFail, kExpire, kCut, kDie };
    What what = What::kPass;
    RequestFailure failure;
  };
  Verdict Judge(int life, const RequestVerb& request) CAPSTAN_EXCLUDES(mutex_);
  void Note(int life, const RequestVerb& request, Instant at, const std::string& result)
      CAPSTAN_EXCLUDES(mutex_);

  void Cut(bool cut) CAPSTAN_EXCLUDES(mutex_);
  bool cut() const CAPSTAN_EXCLUDES(mutex_);
  // Breaks every open stream; with `expire` each watch then gets 410 once.
  void BreakStreams(bool expire) CAPSTAN_EXCLUDES(mutex_);
  std::uint64_t breaks() const CAPSTAN_EXCLUDES(mutex_);
  void Fail(RequestFailure failure) CAPSTAN_EXCLUDES(mutex_);
  void TakeRights(const kube::Kind& kind, std::vector<std::string> verbs) CAPSTAN_EXCLUDES(mutex_);
  void GiveRights() CAPSTAN_EXCLUDES(mutex_);
  // The instance crashes at its `write`-th write from now on, which the server processes.
  void DieAt(int write) CAPSTAN_EXCLUDES(mutex_);

  struct Noted {
    int life = 0;
    RequestVerb request;
    Instant at;
    std::string result;
  };
  std::vector<Noted> Requests() const CAPSTAN_EXCLUDES(mutex_);

 private:
  static bool Meets(const std::string& wanted, const std::string& is) {
    return wanted.empty() || wanted == is;
  }

  // Guarded by mutex_.
  mutable Mutex mutex_;
  bool cut_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::uint64_t breaks_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::uint64_t expiries_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  // by instance and resource
  std::map<std::string, std::uint64_t> expired_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<RequestFailure> failures_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, std::string>> forbidden_ CAPSTAN_GUARDED_BY(mutex_);  // verb, resource
  int writes_until_death_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::vector<Noted> requests_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::testing
