// Who has a say in a write besides the rules of its kind: webhooks, policies, quotas.
//
// Thread-safe. Errors are the refusals that the client gets.
#pragma once

#include <string_view>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/error.hpp>

namespace capstan::apiserver {

struct WriteCall;

class Admission {
 public:
  virtual ~Admission() = default;
  // What is to be stored instead of `fresh`, in the stored shape. `operation` is CREATE or UPDATE;
  // `live` is null for CREATE.
  virtual Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation,
                                         json::ObjectPtr fresh, json::ObjectPtr live) = 0;
  // `fresh` is null for DELETE.
  virtual Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                     json::ObjectPtr live) = 0;
  // A write of this call is stored.
  virtual void Stored(const WriteCall& call) = 0;
};

}  // namespace capstan::apiserver
