return {
  name = "timekeeper",
  fields = { { config = { type = "record", fields = {} } } },
}
