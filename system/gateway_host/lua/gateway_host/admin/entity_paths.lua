-- The paths of the entities, and who answers them: `collection(kind)`, `one(kind)`, `nested(parent_kind, field, kind)`.

return function(collection, one, nested)
  local routes = {}
  for _, kind in ipairs({ "services", "routes", "plugins" }) do
    routes["/" .. kind] = collection(kind)
    routes["/" .. kind .. "/:key"] = one(kind)
  end
  routes["/services/:key/routes"] = nested("services", "service", "routes")
  routes["/services/:key/plugins"] = nested("services", "service", "plugins")
  routes["/routes/:key/plugins"] = nested("routes", "route", "plugins")
  return routes
end
