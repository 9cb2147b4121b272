#include <capstan/simulation/careless.hpp>

#include <map>
#include <optional>

#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulation {
namespace {

bool Contains(const std::string& text, const char* piece) { return text.find(piece) != std::string::npos; }

bool IsKubernetes(const http::Request& request) { return Contains(request.url, "/api"); }

http::Request ObjectOf(const http::Request& status_patch) {
  http::Request get = status_patch;
  get.method = "GET";
  get.body.clear();
  const auto at = get.url.find("/status");
  if (at != std::string::npos) get.url.resize(at);
  return get;
}

class NoIntent final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (request.method != "PATCH" || !Contains(request.url, "/status")) return next().Send(request, context);
    if (Contains(request.body, "\"pending\":{") && Contains(request.body, "startedAt")) {
      // Answers as if the request had been stored.
      auto reply = next().Send(ObjectOf(request), context);
      if (!reply || reply->status != 200) return reply;
      if (auto merged = json::MergePatch(reply->body, request.body)) reply->body = *merged;
      return reply;
    }
    if (!Contains(request.body, "/status/external/pending/attempt")) return next().Send(request, context);
    return next().Send(Unconditional(request), context);
  }

 private:
  // The record as a plain merge patch: there is no intent for it to test.
  static http::Request Unconditional(const http::Request& request) {
    http::Request plain = request;
    plain.headers.Set("content-type", "application/merge-patch+json");
    auto external = json::MakeObject(), status = json::MakeObject(), patch = json::MakeObject();
    const auto operations = json::ParseTree(request.body);
    const auto list = operations ? json::AsArray(*operations) : nullptr;
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      const auto operation = json::AsObject(list->get(static_cast<unsigned>(i)));
      const std::string path = json::StringIn(operation, "path").value_or("");
      if (json::StringIn(operation, "op") != "add") continue;
      const std::string field = path.substr(path.rfind('/') + 1);
      (Contains(path, "/external/") ? external : status)->set(field, operation->get("value"));
    }
    status->set("external", external);
    patch->set("status", status);
    plain.body = json::ToText(patch);
    return plain;
  }
};

class BlindRetry final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    auto reply = next().Send(request, context);
    for (int tries = 0; tries < 2 && request.method == "POST" && !IsKubernetes(request); ++tries) {
      if (reply ? reply->status < 500 : reply.error().code == Code::kCancelled) break;
      reply = next().Send(request, Context{context.stop, kForever});
    }
    return reply;
  }
};

class EarlyFinalizer final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (request.method == "GET" && IsKubernetes(request) && !Contains(request.url, "/secrets/"))
      last_object_ = request;
    if (request.method == "DELETE" && !IsKubernetes(request)) {
      http::Request patch = last_object_;
      patch.method = "PATCH";
      patch.headers.Set("content-type", "application/merge-patch+json");
      patch.body = R"({"metadata":{"finalizers":null}})";
      (void)next().Send(patch, context);
    }
    return next().Send(request, context);
  }

 private:
  http::Request last_object_;
};

class CachedReads final : public http::ForwardingTransport {
 public:
  CachedReads(http::Transport& next, Scheduler& scheduler, Duration age)
      : ForwardingTransport(next), scheduler_(scheduler), age_(age) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (!IsKubernetes(request) || Contains(request.url, "/secrets/")) return next().Send(request, context);
    if (request.method == "GET") {
      const auto it = cache_.find(request.url);
      if (it != cache_.end() && scheduler_.Now() - it->second.second < age_) return it->second.first;
      auto reply = next().Send(request, context);
      if (reply) cache_[request.url] = {*reply, scheduler_.Now()};
      return reply;
    }
    if (request.method != "PATCH") return next().Send(request, context);
    http::Request plain = request;
    if (const auto body = json::ParseObject(request.body)) {
      auto metadata = json::ObjectIn(*body, "metadata");
      if (metadata) metadata->remove("resourceVersion");
      plain.body = json::ToText(*body);
    }
    return next().Send(plain, context);
  }

 private:
  Scheduler& scheduler_;
  const Duration age_;
  std::map<std::string, std::pair<http::Response, Instant>> cache_;
};

class NoTags final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    http::Request bare = request;
    if (request.method == "POST" && !IsKubernetes(request)) {
      if (const auto body = json::ParseObject(request.body)) {
        auto object = *body;
        object->remove("tags");
        bare.body = json::ToText(object);
      }
    }
    return next().Send(bare, context);
  }
};

class NoClaims final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (!Contains(request.url, "/leases")) return next().Send(request, context);
    http::Response response;
    response.headers.Set("content-type", "application/json");
    response.status = request.method == "POST" ? 201 : 404;
    response.body =
        request.method == "POST"
            ? request.body
            : R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404})";
    return response;
  }
};

class ClaimsLeft final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (request.method != "DELETE" || !Contains(request.url, "/leases")) return next().Send(request, context);
    return http::Response{
        200, {{"content-type", "application/json"}}, R"({"kind":"Status","status":"Success"})"};
  }
};

class RefusedListsTakenForEmpty final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    auto reply = next().Send(request, context);
    const std::string path = request.url.substr(0, request.url.find('?'));
    const bool lists = request.method == "GET" && path.ends_with("/v2/kubernetes/clusters");
    if (lists && reply && (reply->status == 403 || reply->status == 422)) {
      reply->status = 200;
      reply->body = R"({"kubernetes_clusters":[],"links":{},"meta":{"total":0}})";
    }
    return reply;
  }
};

class FenceAskedOnce final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (!Contains(request.url, "/leases")) return next().Send(request, context);
    auto reply = next().Send(request, context);
    if (request.method != "GET" && reply && reply->status < 300) {
      ours_ = *reply;
    } else if (ours_ && (reply || reply.error().code != Code::kCancelled)) {
      reply = *ours_;  // ignores the real answer
    }
    return reply;
  }

 private:
  std::optional<http::Response> ours_;  // the Lease while this operator had it
};

class WaitingWorkers final : public http::ForwardingTransport {
 public:
  WaitingWorkers(http::Transport& next, Scheduler& scheduler)
      : ForwardingTransport(next), scheduler_(scheduler) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    const Context patient{context.stop, kForever};
    for (;;) {
      auto reply = next().Send(request, patient);
      const bool missing = request.method == "GET" && Contains(request.url, "/secrets/missing") && reply &&
                           reply->status == 404;
      if (!missing || scheduler_.Sleep(std::chrono::seconds(5), patient) == Woke::kStopped) return reply;
    }
  }

 private:
  Scheduler& scheduler_;
};

template <class T>
Wrap Simple() {
  return [](http::Transport& next, Scheduler&) { return std::make_unique<T>(next); };
}

}  // namespace

Wrap WithoutIntent() { return Simple<NoIntent>(); }
Wrap WithBlindRetry() { return Simple<BlindRetry>(); }
Wrap WithEarlyFinalizer() { return Simple<EarlyFinalizer>(); }
Wrap WithoutTags() { return Simple<NoTags>(); }
Wrap WithoutClaims() { return Simple<NoClaims>(); }
Wrap WithClaimsLeft() { return Simple<ClaimsLeft>(); }
Wrap WithRefusedListsTakenForEmpty() { return Simple<RefusedListsTakenForEmpty>(); }
Wrap WithFenceAskedOnce() { return Simple<FenceAskedOnce>(); }
Wrap WithWaitingWorkers() {
  return [](http::Transport& next, Scheduler& scheduler) {
    return std::make_unique<WaitingWorkers>(next, scheduler);
  };
}
Wrap WithCachedReads(Duration age) {
  return [age](http::Transport& next, Scheduler& scheduler) {
    return std::make_unique<CachedReads>(next, scheduler, age);
  };
}

}  // namespace capstan::simulation
