// ByHandHandler lets a person at a terminal do to the simulated DigitalOcean what no request to
// DigitalOcean does: let something appear, break or vanish behind the operator's back. Everything
// else goes to the cloud.
//
//   POST /by-hand/clusters/ID/associated  {"kind": KIND, "name": NAME}    answers {"id": ...};
//                                         KIND: load_balancer, volume or volume_snapshot
//   POST /by-hand/clusters/ID/message     {"text": TEXT}                  a message of DigitalOcean
//                                                                         about the cluster
//   POST /by-hand/clusters/ID/state       {"state": STATE, "text": TEXT}  STATE: degraded, error or
//                                                                         running
//   POST /by-hand/clusters/ID/vanish                                      gone at once
//
// With the token of the cloud as bearer. Thread-safe.
#pragma once

#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/local/digitalocean/cloud.hpp>

namespace capstan::app {

class ByHandHandler final : public http::Handler {
 public:
  // `cloud` must outlive it.
  ByHandHandler(simulated_digitalocean::SimulatedCloud& cloud, Secret token)
      : cloud_(cloud), token_(std::move(token)) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  http::Response Answer(const http::Request& request, const std::string& path);
  simulated_digitalocean::SimulatedCloud& cloud_;
  const Secret token_;
};

}  // namespace capstan::app
