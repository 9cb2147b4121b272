// The authenticating transport: it adds Authorization and impersonation headers to requests for one
// cluster, and reconnects when its certificates change.
#pragma once

#include <functional>
#include <memory>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/access/tls_material.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// Creates the underlying transport from these authorities, client certificate and key. The program
// implements it with core/net, tests with a loopback. Called at first use and whenever one of them
// changes; returns an error if they are unusable, for example if the key does not match the
// certificate. Thread-safe.
using TransportFactory = std::function<Result<std::unique_ptr<http::Transport>>(const TlsMaterial& material)>;

// Thread-safe. All references must outlive it and every stream it opened.
//
// Credentials: a token or password in the kubeconfig; a token file, reread every minute (while it
// cannot be read, the last good token stays in use, or before there was one, the token configured
// next to the file); otherwise an exec plugin. The plugin runs again a minute before its credential
// lapses (or at four fifths of a shorter lifetime), while requests continue with the old one.
// However many requests wait, the plugin runs once. After a 401, renewable credentials are fetched
// again and, if they changed, the request is sent once more, because the server refused the first
// attempt without processing it. A plugin that fails, or whose credentials keep being refused, runs
// again after 5, 10, 20, 40 and then every 60 seconds; until then a credential that has not lapsed
// stays in use.
//
// Certificates: files (client certificate, key, certificate authority) are reread every minute, and
// immediately when the server refuses the client or the client refuses the server. After a change,
// new connections use the new contents, requests in flight are completed, and watches on old
// connections end as if their timeout had expired. A half-written pair, or a file that is missing,
// empty or malformed, changes nothing: the old contents stay in use, one log line states the
// reason, and the files are reread after ten seconds. Connections that use an exec plugin's
// certificate are likewise replaced when the plugin returns another one.
//
// Errors besides those of the underlying transport, all with Sent::kNo: kUnauthenticated (no
// credential available; the message says why), kInvalidArgument (a URL outside this cluster, whose
// credentials must not be sent elsewhere). Errors of this function: those of `factory`, unless an
// exec plugin provides the certificate.
Result<std::unique_ptr<http::Transport>> MakeCredentialTransport(const ClusterAccess& access,
                                                                 TransportFactory factory, Files& files,
                                                                 Process& process, Scheduler& scheduler,
                                                                 Log& log);

}  // namespace capstan::kube
