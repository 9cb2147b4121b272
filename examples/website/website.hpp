// The kind Website in C++, in the shape that `crd.yaml` gives it, and the operator that serves it.
#pragma once

#include <optional>
#include <string>

#include <capstan/operator.hpp>

namespace example {

struct WebsiteSpec {
  std::string title;
  std::string body;
  std::int64_t replicas = 1;
};

struct Website {
  WebsiteSpec spec;

  static capstan::kube::Kind Kind() { return {"example.dev", "v1", "Website", "websites"}; }
  // Errors: kInvalidArgument, with the path of the value.
  static capstan::Result<Website> FromJson(std::string_view json);
  std::string ToJson() const;
};

// Adds the controller of Websites to an operator.
void Configure(capstan::Operator& all);

}  // namespace example
