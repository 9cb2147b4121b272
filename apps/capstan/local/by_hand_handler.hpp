// ByHandHandler lets a user at a terminal change the simulated DigitalOcean in ways that no API
// request can: create, break or remove something behind the operator's back. All other requests go
// to the cloud.
//
//   POST /by-hand/clusters/ID/associated  {"kind": KIND, "name": NAME}    answers {"id": ...};
//                                         KIND: load_balancer, volume or volume_snapshot
//   POST /by-hand/clusters/ID/message     {"text": TEXT}                  a message of DigitalOcean
//                                                                         about the cluster
//   POST /by-hand/clusters/ID/state       {"state": STATE, "text": TEXT}  STATE: degraded, error or
//                                                                         running
//   POST /by-hand/clusters/ID/vanish                                      removes it immediately
//
// Requests need the token of the cloud as bearer token. Thread-safe.
#pragma once

#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/local/digitalocean/cloud.hpp>

namespace capstan::app {

class ByHandHandler final : public http::Handler {
 public:
  // `cloud` must outlive this object.
  ByHandHandler(simulated_digitalocean::SimulatedCloud& cloud, Secret token)
      : cloud_(cloud), token_(std::move(token)) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  http::Response Answer(const http::Request& request, const std::string& path);
  simulated_digitalocean::SimulatedCloud& cloud_;
  const Secret token_;
};

}  // namespace capstan::app
