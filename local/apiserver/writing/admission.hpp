// Admission control of writes: webhooks, policies, quotas.
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
  // Returns the object to store instead of `fresh`, in the stored shape. `operation` is CREATE or
  // UPDATE; `live` is null for CREATE.
  virtual Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation,
                                         json::ObjectPtr fresh, json::ObjectPtr live) = 0;
  // Accepts or refuses the write. `fresh` is null for DELETE.
  virtual Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                     json::ObjectPtr live) = 0;
  // Called after a write of this call was stored.
  virtual void Stored(const WriteCall& call) = 0;
};

}  // namespace capstan::apiserver
