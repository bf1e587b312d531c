"""The contract: what the dbt source YAML says about deliveries, validated."""
