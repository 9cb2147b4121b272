// ApiServer is an in-process Kubernetes API as kubectl and other clients expect it: an
// http::Handler that core/net serves on a socket, and LoopbackTransport in a simulation. For
// development and tests, not a production control plane.
//
// Thread-safe. All waiting goes through the Scheduler. Garbage collection and namespace deletion,
// which kube-controller-manager does in a real cluster, run as background tasks and can be
// disabled.
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
  // Accepted bearer tokens. Empty: every request is accepted as user "admin". Otherwise a request
  // without a token is system:anonymous, which may only read health and version (everything else is
  // a 403); an unknown token gets 401.
  std::vector<TokenUser> tokens;
  // Takes user and groups from the client certificate that core/net's server has verified, as
  // kube-apiserver does with --client-ca-file. Only safe behind a server that sets these headers
  // itself.
  bool client_certificates = false;
  // How admission and conversion webhooks are called. Empty: every call fails; then failurePolicy
  // decides about the write, and a conversion fails.
  WebhookTransports webhook_transports;
  // Timeout of one conversion call; 30 s as in Kubernetes.
  std::chrono::seconds conversion_timeout = std::chrono::seconds(30);
  // Applies RBAC to the users of tokens; only system:masters may do everything. Impersonated users
  // and service accounts are always subject to RBAC.
  bool rbac = false;
  // Deletes objects whose owners are gone, and implements foreground and orphan deletion.
  bool garbage_collection = true;
  // Deletes the contents of a namespace that is being deleted, then the namespace.
  bool namespace_emptying = true;
  // How long a deleted namespace at least exists after that, empty and Terminating. Zero: no longer
  // than its contents. A client that finalizes namespaces itself, as tests for envtest do, needs
  // some time for it.
  Duration namespace_removal_delay = Duration::zero();
  // Limits of the history that watches and continue tokens can start from: the number of changes
  // kept for each resource, and the bytes kept for all resources; older revisions get 410. 200
  // changes of an object of 80 kB fill the default bytes.
  std::size_t history = 5000;
  std::size_t history_bytes = std::size_t{32} << 20;
  // Bytes of a request body, as kube-apiserver; larger ones get 413.
  std::size_t body_limit = std::size_t{3} << 20;
  int depth_limit = 100;  // nesting of a request body; deeper ones get 400
  Duration bookmark_interval = std::chrono::seconds(60);
  // Of watches without timeoutSeconds; up to twice that.
  Duration watch_timeout = std::chrono::minutes(30);
  // How soon a disconnected watcher is detected.
  Duration client_check_interval = std::chrono::seconds(5);
  // The schemas of the built-in kinds. Null: built at start, which is most of the start-up time; a
  // program that starts many servers shares one set between them (MakeBuiltinSchemas).
  std::shared_ptr<const BuiltinSchemas> schemas;
};
std::shared_ptr<const BuiltinSchemas> MakeBuiltinSchemas();

class ApiServer final : public http::Handler {
 public:
  // Loads `storage` and starts the background tasks. Scheduler, random, log and storage must
  // outlive the server, and the server must outlive every listener and transport that calls it.
  // Errors: those of Storage::Load.
  static Result<std::unique_ptr<ApiServer>> Start(Scheduler& scheduler, Random& random, Log& log,
                                                  Storage& storage, ApiServerOptions options = {});
  ~ApiServer() override;  // stops and joins the tasks

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

  // Drops the whole history, as etcd's compaction does: watches and continue tokens from older
  // revisions get 410.
  void Compact();
  // Adds or revokes a token; takes effect with the next request.
  void AddToken(TokenUser token);
  void RevokeToken(const Secret& token);
  // The revision of the latest change.
  std::uint64_t revision() const;
  // Size of the history in bytes.
  std::size_t history_bytes() const;

  struct Parts;

 private:
  explicit ApiServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace capstan::apiserver
