// A short schema is what a person writes instead of a CustomResourceDefinition:
//
//   kind: Website
//   group: example.dev
//   version: v1
//   columns: {Page: .status.configMap}
//   spec:
//     title: string! -- what the page is called
//     size: small | large = small
//     replicas: integer(1..10) = 1
//     ports:
//       - name: string(/^[a-z]+$/)!
//         port: int32(1..65535)!
//     labels: {"*": string}
//   status:
//     configMap: string
//     conditions: conditions
//
// A text is a type: `TYPE [(BOUNDS)] [!] [= DEFAULT] [-- DESCRIPTION]`. Types: string, integer,
// int32, number, boolean, time, quantity, int-or-string, object (anything), conditions
// (metav1.Condition, by type), or the values of an enumeration with | between. BOUNDS: MIN..MAX of
// a number, or of the length of a string; /PATTERN/ of a string. `!`: required. `immutable` after
// the type: a rule refuses changes. A mapping is an object, or a map where its only key is "*"; a
// list of one element is a list of that. observedGeneration is added to a status that has
// conditions.
//
// Pure; thread-safe. Errors: kInvalidArgument with the path in the file and what is wrong there.
#pragma once

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::generate {

// The CustomResourceDefinition, apiextensions.k8s.io/v1.
Result<Json> CrdOf(const Json& short_schema);

}  // namespace capstan::generate
