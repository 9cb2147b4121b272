// The transport that authenticates: it adds Authorization and impersonation headers to
// requests for one cluster, and makes its own connections again when the certificates they are made
// with change.
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

// Makes the transport below, with these authorities, client certificate and key. The program builds
// it on core/net; tests hand out a loopback. Called at first use and whenever one of them changes;
// an error means that they are of no use, such as a key that is another certificate's. Thread-safe.
using TransportFactory = std::function<Result<std::unique_ptr<http::Transport>>(const TlsMaterial& material)>;

// Thread-safe. All references must outlive it and every stream it opened.
//
// Credentials: a token or password of the kubeconfig; a token file, read again every minute, the
// last good token (or, before there was one, the token next to it) staying in use when it cannot be
// read; an exec plugin, where there is nothing of these, run again a minute before its credential
// lapses (or at four fifths of a shorter life), while requests go on with the old one. However many
// requests wait, the plugin runs once. After a 401 renewable credentials are fetched again and, if
// they changed, the request is sent once more: the server refused the first before looking at it. A
// plugin that fails, or whose credentials go on being refused, is run again after 5, 10, 20, 40 and
// then every 60 seconds; a credential that has not lapsed yet stays in use meanwhile.
//
// Certificates: what came from files (client certificate, key, certificate authority) is read again
// every minute, and at once when the server refuses us or we refuse the server. When it changed,
// new connections are made with it, requests under way are finished, and watches over the old ones
// end as if their time were up. A half-written pair, or a file that is missing, empty or malformed,
// changes nothing: the old stays in use, one log line says why, and the files are read again after
// ten seconds. The same goes for connections made with an exec plugin's certificate, when it gives
// another.
//
// Errors besides those of the transport below, all with Sent::kNo: kUnauthenticated (no credential
// to be had; the message says whose fault), kInvalidArgument (a URL that is not this cluster's: its
// credentials are not for others). Errors of making it: those of `factory`, when no exec plugin
// decides about the certificate.
Result<std::unique_ptr<http::Transport>> MakeCredentialTransport(const ClusterAccess& access,
                                                                 TransportFactory factory, Files& files,
                                                                 Process& process, Scheduler& scheduler,
                                                                 Log& log);

}  // namespace capstan::kube
