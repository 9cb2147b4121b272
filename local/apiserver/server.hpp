// ApiServer is the Kubernetes API as kubectl and other clients know it, in this process: an
// http::Handler that core/net serves on a socket and LoopbackTransport in a simulation. For
// development and tests, not a production control plane.
//
// Thread-safe. All waiting goes through the Scheduler. Garbage collection and namespace emptying,
// which a real cluster's controller-manager does, are tasks of their own and can be switched off.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/local/apiserver/api/token_user.hpp>
#include <capstan/local/apiserver/api/webhook_transports.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::apiserver {

class BuiltinSchemas;

struct ApiServerOptions {
  // Who may come in. Empty: everyone, as user "admin". Otherwise a request without token is
  // system:anonymous, which may only ask for health and version (403); an unknown token gets 401.
  std::vector<TokenUser> tokens;
  // A client's certificate, verified by core/net's server, names its user and groups, as
  // kube-apiserver's --client-ca-file does. Only for servers that set these headers themselves.
  bool client_certificates = false;
  // How webhooks of admission and conversion are called; empty: their calls fail, and failurePolicy
  // says what that means for a write; a conversion fails.
  WebhookTransports webhook_transports;
  // What one conversion may take; Kubernetes gives 30 s, too.
  std::chrono::seconds conversion_timeout = std::chrono::seconds(30);
  // Users of tokens may do what roles and bindings allow them; only system:masters may do
  // everything. Users who are impersonated and service accounts are judged so in any case.
  bool rbac = false;
  // Objects whose owners are gone are deleted; foreground and orphan deletion.
  bool garbage_collection = true;
  bool namespace_emptying = true;  // a deleted namespace is emptied and goes
  // What watches and continue tokens may still go back to: so many changes of each resource, and so
  // many bytes of all; what is older gets 410. 200 changes of an object of 80 kB fill the bytes.
  std::size_t history = 5000;
  std::size_t history_bytes = std::size_t{32} << 20;
  std::size_t body_limit = std::size_t{3} << 20;  // bytes of a request body, as kube-apiserver's; 413 above
  int depth_limit = 100;                          // nesting of a request body; 400 above
  Duration bookmark_interval = std::chrono::seconds(60);
  Duration watch_timeout = std::chrono::minutes(30);         // of watches that name none; up to twice that
  Duration client_check_interval = std::chrono::seconds(5);  // how soon a vanished watcher is noticed
  // The schemas of built-in kinds. Null: built at start, which is most of start-up time; a program
  // that starts many servers shares one between them (MakeBuiltinSchemas).
  std::shared_ptr<const BuiltinSchemas> schemas;
};
std::shared_ptr<const BuiltinSchemas> MakeBuiltinSchemas();

class ApiServer final : public http::Handler {
 public:
  // Reads `storage` and starts the tasks. Scheduler, random, log and storage must outlive it; it
  // must outlive every server and transport that calls it. Errors: those of Storage::Load.
  static Result<std::unique_ptr<ApiServer>> Start(Scheduler& scheduler, Random& random, Log& log,
                                                  Storage& storage, ApiServerOptions options = {});
  ~ApiServer() override;  // stops and joins the tasks

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

  // Forgets all history, as etcd's compaction does: older watches and continue tokens get 410.
  void Compact();
  // A token is accepted from now on, or no longer.
  void AddToken(TokenUser token);
  void RevokeToken(const Secret& token);
  // The revision of the last change.
  std::uint64_t revision() const;
  // What the remembered changes take, in bytes.
  std::size_t history_bytes() const;

  struct Parts;

 private:
  explicit ApiServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace capstan::apiserver
